-- How hard a task is, as its creator declares it: what is counted when it ends.

ALTER TABLE "task" ADD COLUMN "complexity" TEXT NOT NULL DEFAULT 'MEDIUM',
    ADD CONSTRAINT "task_complexity" CHECK ("complexity" IN ('SIMPLE', 'MEDIUM', 'COMPLEX', 'EXPERT'));
