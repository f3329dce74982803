/* Loaded into WebKit's processes: tells each look-up, and leads every third party to the recorder.

   WebKitGTK has neither resolver rules nor preferences for it, and behind a proxy it would not
   look names up ahead. CONSENTGATE_LOOKUPS names the file that gets one name per line,
   CONSENTGATE_RECORDER is the port that stands for 80 and 443. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void tell(const char *name)
{
    char line[260];
    int length = snprintf(line, sizeof line, "%.255s\n", name);
    int file = open(getenv("CONSENTGATE_LOOKUPS"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    /* A name that cannot be told must not get lost: the test would find nothing. */
    if (file < 0 || write(file, line, length) != length)
        abort();
    close(file);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    if (node == NULL)
        return next(node, service, hints, found);
    tell(node);
    return next("127.0.0.1", service, hints, found);
}

int connect(int socket, const struct sockaddr *address, socklen_t length)
{
    int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    struct sockaddr_in to;
    if (address->sa_family != AF_INET || length < sizeof to)
        return next(socket, address, length);
    memcpy(&to, address, sizeof to);
    if (ntohs(to.sin_port) == 80 || ntohs(to.sin_port) == 443) {
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        to.sin_port = htons(atoi(getenv("CONSENTGATE_RECORDER")));
    }
    return next(socket, (struct sockaddr *)&to, sizeof to);
}
