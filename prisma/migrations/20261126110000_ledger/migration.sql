-- Double entry, append-only. Whatever the ledger promises is said here, so that no writer can break it.

CREATE TABLE "journal" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "reason" TEXT,
    "reverses_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "journal_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "journal_kind_form" CHECK ("kind" ~ '^[A-Z]+(_[A-Z]+)*$'),
    CONSTRAINT "journal_reference_form" CHECK ("reference" ~ '^[A-Z][A-Za-z]*:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    CONSTRAINT "journal_key_length" CHECK (length("key") BETWEEN 1 AND 200)
);

CREATE TABLE "posting" (
    "journal_id" UUID NOT NULL,
    "account" TEXT COLLATE "C" NOT NULL,
    "subject_id" UUID NOT NULL,
    "amount" DECIMAL(78,0) NOT NULL,

    CONSTRAINT "posting_pkey" PRIMARY KEY ("journal_id","account","subject_id"),
    CONSTRAINT "posting_account" CHECK ("account" IN (
      'user:available', 'user:held', 'pool', 'escrow', 'prize',
      'house:rake', 'house:faucet', 'chain:custody', 'chain:unattributed', 'chain:loss')),
    -- The platform's own accounts are about nobody, all others about somebody or something.
    CONSTRAINT "posting_subject" CHECK (("subject_id" = '00000000-0000-0000-0000-000000000000')
      = ("account" IN ('house:rake', 'house:faucet', 'chain:custody', 'chain:unattributed', 'chain:loss'))),
    CONSTRAINT "posting_moves" CHECK ("amount" <> 0)
);

CREATE TABLE "user_balance" (
    "account" TEXT COLLATE "C" NOT NULL,
    "user_id" UUID NOT NULL,
    "balance" DECIMAL(78,0) NOT NULL,

    CONSTRAINT "user_balance_pkey" PRIMARY KEY ("account","user_id"),
    CONSTRAINT "user_balance_account" CHECK ("account" IN ('user:available', 'user:held')),
    CONSTRAINT "user_balance_covered" CHECK ("balance" >= 0)
) WITH (fillfactor = 70);

CREATE TABLE "ledger_day" (
    "day" DATE NOT NULL,
    "account" TEXT COLLATE "C" NOT NULL,
    "amount" DECIMAL(78,0) NOT NULL,

    CONSTRAINT "ledger_day_pkey" PRIMARY KEY ("day","account")
);

-- "Happens once" is said by journal_key_key, "is taken back once" by journal_reverses_id_key.
CREATE UNIQUE INDEX "journal_key_key" ON "journal"("key");
CREATE UNIQUE INDEX "journal_reverses_id_key" ON "journal"("reverses_id");
CREATE INDEX "journal_at" ON "journal" USING BRIN ("at");
-- A user's ledger, newest first, and what an escrow or a pool holds.
CREATE INDEX "posting_subject_id" ON "posting" ("subject_id", "journal_id" DESC, "account" DESC) INCLUDE ("amount");

ALTER TABLE "journal" ADD CONSTRAINT "journal_reverses_id_fkey" FOREIGN KEY ("reverses_id") REFERENCES "journal"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "posting" ADD CONSTRAINT "posting_journal_id_fkey" FOREIGN KEY ("journal_id") REFERENCES "journal"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;
ALTER TABLE "user_balance" ADD CONSTRAINT "user_balance_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "app_user"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- What was written stays.
CREATE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: correct it by a new journal', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "journal"
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "posting"
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only();

-- A journal has at least two postings, and they sum to zero: looked at once a journal, before the commit.
CREATE FUNCTION journal_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  postings int; total numeric;
BEGIN
  SELECT count(*), sum(amount) INTO postings, total FROM posting WHERE journal_id = NEW.id;
  IF postings < 2 OR total <> 0 THEN
    RAISE EXCEPTION 'unbalanced journal %: % postings that sum to %', NEW.id, postings, coalesce(total, 0)
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'journal_balances';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER journal_balances AFTER INSERT ON "journal" DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION journal_balances();

-- A journal of a day whose totals are closed would be missing from them.
CREATE FUNCTION journal_in_open_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.at AT TIME ZONE 'UTC')::date <= (SELECT max(day) FROM ledger_day) THEN
    RAISE EXCEPTION 'the ledger is closed for the day of %', NEW.at USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journal_in_open_day BEFORE INSERT ON "journal" FOR EACH ROW EXECUTE FUNCTION journal_in_open_day();

-- All postings of a journal come in one statement: it cannot be added to later. The users' balances move with them.
CREATE FUNCTION posting_moves_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT journal_id, count(*) AS postings FROM fresh GROUP BY journal_id) f
             WHERE f.postings <> (SELECT count(*) FROM posting p WHERE p.journal_id = f.journal_id)) THEN
    RAISE EXCEPTION 'a journal takes all of its postings in one statement' USING ERRCODE = 'restrict_violation';
  END IF;
  INSERT INTO user_balance (account, user_id, balance)
    SELECT DISTINCT account, subject_id, 0 FROM fresh WHERE account IN ('user:available', 'user:held') ORDER BY account, subject_id
    ON CONFLICT DO NOTHING;
  UPDATE user_balance b SET balance = b.balance + m.amount
    FROM (SELECT account, subject_id, sum(amount) AS amount FROM fresh WHERE account IN ('user:available', 'user:held') GROUP BY account, subject_id) m
    WHERE b.account = m.account AND b.user_id = m.subject_id;
  RETURN NULL;
END $$;
CREATE TRIGGER posting_moves_balances AFTER INSERT ON "posting" REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION posting_moves_balances();

CREATE FUNCTION user_balance_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'balances move with postings only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER user_balance_follows BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON "user_balance"
  FOR EACH STATEMENT EXECUTE FUNCTION user_balance_follows();

-- The one way by which a journal is written, for use inside larger statements. The balances that it touches are locked
-- first, in account order, so that what is read of them holds and two journals cannot wait for each other in a circle.
-- Answers POSTED; REPEATED when this very journal is there already; INSUFFICIENT_FUNDS when a user would fall below zero;
-- KEY_REUSED when the key is another journal's.
CREATE FUNCTION ledger_post(
  id uuid, kind text, reference text, key text, reason text, reverses_id uuid, at timestamptz,
  accounts text[], subject_ids uuid[], amounts numeric[], OUT outcome text, OUT journal_id uuid
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  covered boolean;
BEGIN
  WITH moved AS (
    SELECT account COLLATE "C" AS account, subject_id, amount FROM unnest(accounts, subject_ids, amounts) AS u(account, subject_id, amount)
    WHERE account IN ('user:available', 'user:held')
  ), locked AS MATERIALIZED (
    SELECT b.account, b.user_id, b.balance FROM user_balance b JOIN moved m ON m.account = b.account AND m.subject_id = b.user_id
    ORDER BY b.account, b.user_id FOR NO KEY UPDATE OF b
  )
  SELECT bool_and(m.amount > 0 OR coalesce(l.balance, 0) + m.amount >= 0) INTO covered
    FROM moved m LEFT JOIN locked l ON l.account = m.account AND l.user_id = m.subject_id;

  IF covered IS NOT FALSE THEN
    INSERT INTO journal (id, kind, reference, key, reason, reverses_id, at)
      VALUES (ledger_post.id, ledger_post.kind, ledger_post.reference, ledger_post.key, ledger_post.reason, ledger_post.reverses_id, ledger_post.at)
      ON CONFLICT (key) DO NOTHING;
    IF FOUND THEN
      INSERT INTO posting (journal_id, account, subject_id, amount)
        SELECT ledger_post.id, account, subject_id, amount FROM unnest(accounts, subject_ids, amounts) AS u(account, subject_id, amount)
        ORDER BY account COLLATE "C", subject_id;
      outcome := 'POSTED';
      journal_id := ledger_post.id;
      RETURN;
    END IF;
  END IF;

  SELECT j.id, CASE WHEN j.kind = ledger_post.kind AND j.reference = ledger_post.reference AND NOT EXISTS (
      SELECT FROM (SELECT p.account, p.subject_id, p.amount FROM posting p WHERE p.journal_id = j.id) written
        FULL JOIN unnest(accounts, subject_ids, amounts) AS u(account, subject_id, amount) USING (account, subject_id, amount)
      WHERE written.amount IS NULL OR u.amount IS NULL
    ) THEN 'REPEATED' ELSE 'KEY_REUSED' END
    INTO journal_id, outcome FROM journal j WHERE j.key = ledger_post.key;
  IF NOT FOUND THEN
    outcome := 'INSUFFICIENT_FUNDS';
  END IF;
END $$;
