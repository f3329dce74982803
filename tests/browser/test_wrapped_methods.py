"""What our script wraps does for ordinary code what it does without it, in every engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.browser.engines import ENGINES, Session, found_or_skipped
from tests.browser.recorder import Recorder
from tests.browser.small_site import bare, gated
from tests.live_server import serving

THIRD = "stranger.example"
ORDINARY = {
    "own markup keeps every byte": """
        const box = document.createElement('div');
        box.innerHTML = `<link  rel='stylesheet' HREF="/own.css">`
            + `<IFRAME src=/own sandbox='' /></iframe><link rel=preconnect href="/">`;
        return box.innerHTML""",
    "rows in a table": """
        const table = document.createElement('table');
        table.innerHTML = '<tr><td><iframe src=/a></iframe>';
        table.rows[0].insertAdjacentHTML('afterend', '<tr><td>2');
        return table.outerHTML""",
    "the code of a frame shown in a field": f"""
        const box = document.createElement('div');
        box.innerHTML = `<textarea><iframe src="https://{THIRD}/"></iframe></textarea>`
            + `<input value='<iframe src="https://{THIRD}/">'>`
            + '<!-- <link rel=preconnect href=//stranger.example> -->';
        return box.innerHTML""",
    "strings that are inserted as text": f"""
        const box = document.createElement('div'), code = '<iframe src=https://{THIRD}/>';
        box.append(code); box.prepend(code); box.insertAdjacentText('beforeend', code);
        box.firstChild.before(code); box.lastChild.replaceWith(code);
        return box.textContent""",
    "what is no text": """
        const box = document.createElement('div'), said = [];
        for (const value of [null, undefined, 1, { toString: () => '<b>x' }]) {
            box.innerHTML = value;
            said.push(box.innerHTML);
        }
        return said.join()""",
    "results and faults": """
        const box = document.createElement('div'), said = [];
        for (const step of [
            () => box.insertAdjacentHTML('beforeend', '<b>'),
            () => box.insertAdjacentHTML('x', ''),
            () => box.appendChild(null),
            () => box.append(),
            () => box.outerHTML = '<link>',
            () => box.insertBefore(box, box),
            () => box.appendChild(new Text('a')) instanceof Text,
            () => document.createElement('link').setAttribute('1', ''),
            () => document.createElement('iframe').setAttribute('src'),
            () => Element.prototype.append.call({}, 1),
        ]) try { said.push(String(step())); } catch (error) { said.push(error.name); }
        return said.join()""",
    "shadow roots, fragments, ranges": """
        const place = document.body.appendChild(document.createElement('p'));
        const root = place.attachShadow({ mode: 'open' });
        root.innerHTML = '<i>1</i>';
        root.append('2');
        root.prepend(new Text('0'));
        const fragment = new DocumentFragment();
        fragment.append('3', document.createElement('b'));
        root.appendChild(fragment);
        root.replaceChild(new Text('4'), root.lastChild);
        const range = new Range();
        range.selectNodeContents(root);
        range.insertNode(new Text('!'));
        return root.innerHTML + fragment.childNodes.length""",
    "a page that is written in pieces": """
        const inner = document.body.appendChild(document.createElement('iframe')).contentDocument;
        inner.open();
        inner.write('<p', '>a<ifr');
        inner.writeln('ame src=/own>', '</iframe>');
        inner.close();
        return inner.body.innerHTML""",
    "links and frames that change": """
        const link = document.head.appendChild(document.createElement('link')), said = [];
        link.rel = 'stylesheet';
        link.href = '/own.css';
        link.setAttribute('HREF', '/other.css');
        link.setAttribute('data-x', 1);
        link.relList.add('alternate');
        said.push(link.outerHTML, link.href.endsWith('/other.css'));
        const frame = document.body.appendChild(document.createElement('iframe'));
        frame.src = '/own';
        frame.setAttribute('SRC', '/two');
        frame.srcdoc = '<p>x';
        frame.title = 't';
        said.push(frame.outerHTML, frame.src.endsWith('/two'));
        return said.join()""",
    "the methods of a blank frame": """
        const inner = document.body.appendChild(document.createElement('iframe')).contentDocument;
        inner.body.innerHTML = '<p>a</p>'; inner.body.append('b', inner.createElement('i'));
        const { appendChild } = inner.defaultView.Node.prototype;
        appendChild.call(inner.body, document.createElement('b'));
        return inner.body.innerHTML + (inner.body.lastChild.ownerDocument === inner)""",
    "the names that objects have": """
        const names = [];
        for (const element of ['div', 'link', 'iframe', 'p'])
            for (const name in document.createElement(element)) names.push(name);
        return names.sort().join()""",
    "own elements come to life": """
        const told = [];
        customElements.define('x-told', class extends HTMLElement {
            connectedCallback() { told.push(this.firstChild?.nodeName, this.getAttribute('a')); }
        });
        const text = '<x-told a=1><link rel=icon href=data:,></x-told>';
        document.body.insertAdjacentHTML('beforeend', text);
        return told.join()""",
    "workers": """
        const code = URL.createObjectURL(new Blob(['postMessage(1)'])), worker = new Worker(code);
        const said = [worker instanceof Worker, Worker.name, Worker.length, String(worker)];
        for (const step of [() => Worker(code), () => new Worker(), () => new Worker('http://')])
            try { step(); said.push(''); } catch (error) { said.push(error.name); }
        return said.join()""",
}


@contextmanager
def at(engine_id: str, folder: Path, recorder: Recorder, *, gate: bool) -> Iterator[Session]:
    """A browser on a plain page of the site."""
    engine = found_or_skipped(engine_id)
    folder.mkdir()
    site = bare({})
    with ExitStack() as stack:
        server = stack.enter_context(serving(gated(site, folder) if gate else site))
        session = stack.enter_context(engine.open(folder, server, recorder, [THIRD]))
        session.goto(f"{server.url}/")
        yield session


@pytest.mark.parametrize("engine_id", ENGINES)
def test_ordinary_code_sees_no_difference(engine_id, tmp_path, recorder):
    said = {}
    for gate in (False, True):
        with at(engine_id, tmp_path / str(gate), recorder, gate=gate) as session:
            said[gate] = {name: session.run(script) for name, script in ORDINARY.items()}
            assert bool(session.run("return self.consentgate")) is gate
    assert said[True] == said[False]
