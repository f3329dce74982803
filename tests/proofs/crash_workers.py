"""What the crash tests run in processes of their own: ``python -m tests.proofs.crash_workers``."""

import asyncio
import os
import resource
import signal
import sys
import threading
from pathlib import Path

from consentgate.errors import StorageError
from consentgate.proofs.sqlite import SqliteLog
from tests.proofs.samples import make_record


def say(*words):
    os.write(1, (" ".join(words) + "\n").encode())


async def append_for_ever(path):
    """Prints the id of each record once it is acknowledged."""
    log = SqliteLog(path)

    async def client():
        while True:
            record = make_record()
            await log.append(record)
            say(record.id)

    await asyncio.gather(*(client() for _ in range(8)))


async def append_some(path):
    log = SqliteLog(path)
    for _ in range(40):
        record = make_record()
        await log.append(record)
        say(record.id)
    await log.close()


async def fill_the_disk(path):
    """Under a file size limit appends fail; without it they succeed again."""
    log = SqliteLog(path)
    acknowledged = make_record()
    await log.append(acknowledged)
    say("acknowledged", acknowledged.id)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
    for _ in range(200):
        record = make_record()
        try:
            await log.append(record)
            say("acknowledged", record.id)
        except StorageError:
            say("refused", record.id)
            break
    spooled = make_record(subject=None)
    await log.spool(spooled)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    record = make_record()
    await log.append(record)
    say("acknowledged", spooled.id)
    say("acknowledged", record.id)
    await log.close()


def fork(path):
    """Parent and children use a log that was opened, and used, before the fork."""
    log = SqliteLog(path)

    def append_all(count):
        for _ in range(count):
            append(log)

    append_all(5)
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            append_all(10)
            asyncio.run(log.close())
            sys.exit(0)  # an ordinary end, which also clears away what the parent left
        children.append(child)
    append_all(10)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0
    append_all(5)
    asyncio.run(log.close())


def outlive_a_parent(path):
    """The child is in the middle of its work when the parent closes the log."""
    log = SqliteLog(path)
    append(log)
    here, there = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        append(log)
        os.write(here[1], b"-")
        os.read(there[0], 1)
        append(log)
        os._exit(0)  # as if killed
    os.read(here[0], 1)
    asyncio.run(log.close())
    os.write(there[1], b"-")
    assert os.waitpid(child, 0)[1] == 0


def fork_at_work(path):
    """Other threads write and read at whatever moment the process is forked."""
    log, done = SqliteLog(path), threading.Event()

    def work():
        while not done.is_set():
            append(log)
            asyncio.run(log.records("nobody"))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(30):
        child = os.fork()
        if child == 0:
            signal.alarm(30)
            append(log)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    done.set()
    for thread in threads:
        thread.join()
    asyncio.run(log.close())


def fork_as_a_writer_begins(path):
    """Another thread is within a call when the process is forked, and never ends it there."""
    log = SqliteLog(path)
    with log._guard:
        child = os.fork()
        if child == 0:
            signal.alarm(30)
            append(log)
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def append(log):
    record = make_record()
    asyncio.run(log.append(record))
    say(record.id)


if __name__ == "__main__":
    work, path = globals()[sys.argv[1]], Path(sys.argv[2])
    if asyncio.iscoroutinefunction(work):
        asyncio.run(work(path))
    else:
        work(path)
