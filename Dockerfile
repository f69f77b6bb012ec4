# The server in an image of its own: `docker build -t fasti .`
# Two stages: the compiler stays behind, the binary goes on.
FROM rust:1-bookworm AS build
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --package server \
    && cp target/release/fasti /usr/local/bin/fasti

FROM debian:bookworm-slim
# Certificates for PostgreSQL over TLS, time zones that Debian keeps up to date.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin fasti \
    && install -d -o fasti -g fasti -m 0700 /data
COPY --from=build /usr/local/bin/fasti /usr/local/bin/fasti
COPY LICENSE LICENSE-MIT LICENSE-APACHE /usr/share/doc/fasti/
USER fasti
WORKDIR /data
# The SQLite file; of no use with PostgreSQL.
VOLUME /data
ENV FASTI_LISTEN=0.0.0.0:8080 \
    FASTI_DATABASE=/data/fasti.db
EXPOSE 8080
ENTRYPOINT ["fasti"]
CMD ["serve"]
