# The service and nothing else: no compiler, no pip, no Node. Runs as user 10001 on a read-only root; all it keeps is in /data.
#   docker build -t consent . && docker run --read-only --tmpfs /tmp -p 127.0.0.1:8000:8000 -v consent:/data consent
# BASE is any image with python3 (3.11 or newer) and its venv module.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
WORKDIR /source
RUN python3 -m venv /opt/consent && /opt/consent/bin/pip install --no-cache-dir --upgrade pip
COPY . .
RUN /opt/consent/bin/pip install --no-cache-dir '.[redis]' && /opt/consent/bin/pip uninstall --yes --quiet pip

FROM ${BASE}
RUN groupadd --gid 10001 consent \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin consent \
 && install -d -o 10001 -g 10001 -m 0750 /data
COPY --from=build /opt/consent /opt/consent
ENV PATH=/opt/consent/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
# The defaults are relative: /data/consent.db, its secret beside it, /data/mail. They are not set here, so that a setting
# may come as NAME or as NAME_FILE: both at once are refused.
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python3", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["consent", "serve", "--host", "0.0.0.0", "--port", "8000"]
