# Slipway's own image. Two ways to get the binary:
#   docker build .                               compiles it here
#   scripts/image --prebuilt                     takes one that was compiled on the host
#
#   docker run -d --name slipway -p 8080:8080 \
#     --group-add "$(stat -c %g /var/run/docker.sock)" -v /var/run/docker.sock:/var/run/docker.sock \
#     -v slipway:/var/lib/slipway -v "$PWD/slipway.yml:/etc/slipway/slipway.yml:ro" --env-file slipway.env slipway
#
# The user is not root, so the socket's group is given by --group-add. Whoever may use the socket may do anything on that host.
# In slipway.yml, server.listen is 0.0.0.0:8080 and server.data /var/lib/slipway.
ARG SWIFT_IMAGE=swift:6.2-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim
ARG BINARY=compiled

FROM ${SWIFT_IMAGE} AS compiled
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libssl-dev libsqlite3-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
RUN swift build -c release --static-swift-stdlib --product slipway \
    && strip -o /slipway "$(swift build -c release --static-swift-stdlib --product slipway --show-bin-path)/slipway"

FROM scratch AS prebuilt
COPY .build-image/slipway /slipway

FROM ${BINARY} AS binary

# Debian's docker.io is client and engine in one package; only the client is wanted, it has BuildKit built in.
FROM ${RUNTIME_IMAGE} AS docker
WORKDIR /download
RUN apt-get update && apt-get download docker.io && dpkg-deb --extract docker.io_*.deb /docker

FROM ${RUNTIME_IMAGE}
# OpenSSL and SQLite are linked dynamically: their fixes come with Debian's.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        ca-certificates git libsqlite3-0 libssl3 libstdc++6 openssh-client tini zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 999 --home-dir /var/lib/slipway --create-home slipway
COPY --from=docker /docker/usr/bin/docker /usr/local/bin/docker
COPY --from=binary /slipway /usr/local/bin/slipway
COPY Public /usr/local/share/slipway/Public
COPY LICENSE /usr/local/share/slipway/
USER slipway
WORKDIR /var/lib/slipway
VOLUME /var/lib/slipway
EXPOSE 8080
# Slipway starts git and docker; tini takes care of their orphans and passes the signals on.
ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/slipway"]
CMD ["serve", "--config", "/etc/slipway/slipway.yml"]
