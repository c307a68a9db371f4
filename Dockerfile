# One image for every service: which of them a container is, its arguments say (compose.yaml).

FROM debian:trixie-20251117-slim AS build
WORKDIR /foodorder
# In a layer of its own: it changes less often than the code does.
COPY script/bootstrap script/lib.sh script/requirements.txt script/
RUN script/bootstrap
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -D FOODORDER_TESTS=OFF && \
    cmake --build --preset release --target foodorder -j "$(nproc)" && \
    strip build/release/foodorder

FROM debian:trixie-20251117-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends \
      libboost-json1.83.0 libfmt10 libprometheus-cpp-core1.0 librdkafka1 libspdlog1.15 libncursesw6 libsqlite3-0 libtomlplusplus3t64 libutf8proc3 && \
    rm -rf /var/lib/apt/lists/*
COPY --from=build /foodorder/build/release/foodorder /usr/local/bin/
# A volume that is mounted here belongs to the program, too: for --database=sqlite:/data.
RUN install -d -o 10001 -g 10001 /data
# A library that is missing above shows here, not at the start of a container.
RUN foodorder --version
USER 10001:10001
# Not a shell: SIGTERM is for the program, which then drains.
ENTRYPOINT ["foodorder"]
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 CMD ["foodorder", "health"]
