-- +goose Up
-- Owner: dispatch/escrow. A double-entry ledger in integer minor units.
-- Kinds: available (owner: account), escrow (owner: booking), talent_payable
-- (owner: talent), platform_fee (owner: the account that paid it) and world
-- (owner: payment provider), the only one whose balance may go below zero.
CREATE TABLE ledger_accounts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('available', 'escrow', 'talent_payable', 'platform_fee', 'world')),
    owner      text NOT NULL,
    account_id text REFERENCES accounts,
    currency   text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    livemode   boolean NOT NULL,
    balance    bigint NOT NULL DEFAULT 0,
    CONSTRAINT ledger_accounts_owner UNIQUE (kind, owner, currency, livemode),
    CONSTRAINT ledger_accounts_one_currency UNIQUE (id, currency, livemode),
    CONSTRAINT ledger_accounts_not_negative CHECK (balance >= 0 OR kind = 'world'),
    CHECK ((account_id IS NULL) = (kind IN ('talent_payable', 'world')))
);
CREATE INDEX ledger_accounts_account ON ledger_accounts (account_id, currency) WHERE kind IN ('available', 'escrow');

CREATE TABLE ledger_transfers (
    id         text PRIMARY KEY CHECK (id LIKE 'tr\_%'),
    key        text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('fund', 'hold', 'release', 'refund', 'cancellation', 'resolution', 'payout', 'reversal')),
    account_id text NOT NULL REFERENCES accounts,
    booking_id text,
    currency   text NOT NULL,
    livemode   boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT ledger_transfers_key UNIQUE (key),
    CONSTRAINT ledger_transfers_one_currency UNIQUE (id, currency, livemode)
);
CREATE INDEX ledger_transfers_account ON ledger_transfers (account_id, id);
CREATE INDEX ledger_transfers_booking ON ledger_transfers (booking_id) WHERE booking_id IS NOT NULL;

-- The two foreign keys make a posting's currency and world that of both its
-- transfer and its account, so a transfer can mix neither.
CREATE TABLE ledger_postings (
    id          text PRIMARY KEY CHECK (id LIKE 'ent\_%'),
    transfer_id text NOT NULL,
    account_id  bigint NOT NULL,
    currency    text NOT NULL,
    livemode    boolean NOT NULL,
    amount      bigint NOT NULL CHECK (amount <> 0),
    CONSTRAINT ledger_postings_once UNIQUE (transfer_id, account_id),
    CONSTRAINT ledger_postings_transfer FOREIGN KEY (transfer_id, currency, livemode) REFERENCES ledger_transfers (id, currency, livemode),
    CONSTRAINT ledger_postings_account FOREIGN KEY (account_id, currency, livemode) REFERENCES ledger_accounts (id, currency, livemode)
);
CREATE INDEX ledger_postings_account ON ledger_postings (account_id);

-- +goose StatementBegin
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: the ledger only grows; post a reversal instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_immutable', TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_transfers_immutable BEFORE UPDATE OR DELETE ON ledger_transfers FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_postings_immutable BEFORE UPDATE OR DELETE ON ledger_postings FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_accounts_immutable BEFORE DELETE ON ledger_accounts FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_transfers_kept BEFORE TRUNCATE ON ledger_transfers FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_postings_kept BEFORE TRUNCATE ON ledger_postings FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_accounts_kept BEFORE TRUNCATE ON ledger_accounts FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

-- Balances move with postings and in no other way.
-- +goose StatementBegin
CREATE FUNCTION ledger_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ledger_accounts a SET balance = a.balance + p.amount
    FROM (SELECT account_id, sum(amount)::bigint AS amount FROM posted GROUP BY account_id) p
    WHERE a.id = p.account_id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_postings_balances AFTER INSERT ON ledger_postings
    REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION ledger_keep_balances();

-- +goose StatementBegin
CREATE FUNCTION ledger_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.balance = 0 THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
        AND (NEW.id, NEW.kind, NEW.owner, NEW.account_id, NEW.currency, NEW.livemode)
            IS NOT DISTINCT FROM (OLD.id, OLD.kind, OLD.owner, OLD.account_id, OLD.currency, OLD.livemode) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of ledger_accounts is refused: balances move with postings only, and nothing else of an account changes', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_accounts_guard', TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_accounts_guard BEFORE INSERT OR UPDATE ON ledger_accounts FOR EACH ROW EXECUTE FUNCTION ledger_guard_account();

-- Checked at commit, for the transfer and for each posting, so that nothing can
-- be added to a transfer later either.
-- +goose StatementBegin
CREATE FUNCTION ledger_check_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    transfer text;
    postings integer;
    total numeric;
BEGIN
    IF TG_TABLE_NAME = 'ledger_postings' THEN
        transfer := NEW.transfer_id;
    ELSE
        transfer := NEW.id;
    END IF;
    SELECT count(*), coalesce(sum(amount), 0) INTO postings, total FROM ledger_postings WHERE transfer_id = transfer;
    IF postings < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'transfer % is unbalanced: % postings sum to %', transfer, postings, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balanced', TABLE = 'ledger_transfers';
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER ledger_transfers_balanced AFTER INSERT ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_transfer();
CREATE CONSTRAINT TRIGGER ledger_postings_balanced AFTER INSERT ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_transfer();

-- +goose Down
DROP TABLE ledger_postings;
DROP TABLE ledger_transfers;
DROP TABLE ledger_accounts;
DROP FUNCTION ledger_check_transfer;
DROP FUNCTION ledger_guard_account;
DROP FUNCTION ledger_keep_balances;
DROP FUNCTION ledger_refuse;
