-- AlterTable
ALTER TABLE "quake_replay" ADD COLUMN     "sha256" BYTEA;
