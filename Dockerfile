# One image for web, worker, beat and migrations; Compose gives each its command.

# Browser assets by the lock file, copied by the same program as on a developer's machine.
FROM node:22-bookworm-slim AS assets
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /portal
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY config/local/assets.py config/local/assets.py
RUN python3 config/local/assets.py

# Packages are installed where no compiler and no cache has to be carried along.
FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock .
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
# What turns pages into PDF, and the Chinese fonts that go into it.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      fontconfig fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /portal --shell /usr/sbin/nologin portal
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    HOME=/tmp
WORKDIR /portal
COPY --from=packages /venv /venv
COPY . .
COPY --from=assets /portal/static/vendor static/vendor
# The static files are hashed and compressed once, here; the addresses are only for this command.
RUN SECRET_KEY=for-collectstatic-only python manage.py collectstatic --no-input -v0 -i 'vendor/icons/*'
# A new volume takes over owner and mode of the folder it is mounted on.
RUN install -d -o portal -g portal -m 0700 /files
USER portal
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--timeout", "60", \
     "--max-requests", "5000", "--max-requests-jitter", "500", "--worker-tmp-dir", "/dev/shm", \
     "--no-control-socket"]
