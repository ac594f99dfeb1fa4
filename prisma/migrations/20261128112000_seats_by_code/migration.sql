-- Whether a strategy plays for a bot, as its node has seated it; null until then.
ALTER TABLE "quake_player" ADD COLUMN "coded" BOOLEAN;
