FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json prisma.config.ts ./
COPY prisma ./prisma
COPY tools ./tools
RUN npm ci
COPY . .
RUN npx graphql-codegen --config codegen.ts && npm run build:web

FROM debian:bookworm-slim AS quake
RUN apt-get update && apt-get install -y --no-install-recommends openarena-server && rm -rf /var/lib/apt/lists/*
COPY tools/quake-server.sh /usr/local/bin/quake-server
USER nobody
EXPOSE 27960/udp
CMD ["quake-server"]

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
WORKDIR /app
COPY --from=build /app /app
# Maps and their ways are read here; rounds are played in the container `quake`.
COPY --from=quake /usr/lib/openarena-server /usr/lib/openarena-server
COPY --from=quake /usr/share/games/openarena /usr/share/games/openarena
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates git && rm -rf /var/lib/apt/lists/*
RUN npm prune --omit=dev --ignore-scripts && mkdir /data && chown node /data
USER node
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:4000/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["npm", "start"]
