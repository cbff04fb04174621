# One image for every process of the shop: the web unless another command is given (see compose.yaml and Procfile).
FROM python:3.13-slim AS packages
WORKDIR /shop
COPY requirements.txt requirements-dev.txt ./
# Extras by name, in the versions of the lock: --build-arg EXTRAS="sentry-sdk"
ARG EXTRAS=""
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && if [ -n "$EXTRAS" ]; then /opt/venv/bin/pip install --no-cache-dir -c requirements-dev.txt $EXTRAS; fi

FROM python:3.13-slim
RUN useradd --uid 10001 --no-create-home shop
COPY --from=packages /opt/venv /opt/venv
WORKDIR /shop
COPY manage.py ./
COPY docs/openapi.json docs/asyncapi.json docs/
COPY shop shop
COPY orders orders
COPY payments payments
COPY inventory inventory
COPY notifications notifications
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER shop
EXPOSE 8000
CMD ["granian", "shop.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--http", "1", "--no-ws", "--workers", "1", "--blocking-threads", "16", "--workers-kill-timeout", "30", "--log-level", "error"]
