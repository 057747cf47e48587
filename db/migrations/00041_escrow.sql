-- +goose Up
-- Owner: dispatch/escrow. One hold per booking, for ever: it ends once, and what
-- it ended in stays with it.
CREATE TABLE escrow_holds (
    booking_id   text PRIMARY KEY,
    account_id   text NOT NULL REFERENCES accounts,
    talent_id    text NOT NULL REFERENCES talent,
    livemode     boolean NOT NULL,
    currency     text NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    status       text NOT NULL DEFAULT 'held' CHECK (status IN ('held', 'frozen', 'released', 'refunded', 'cancelled', 'resolved')),
    expires_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    settled_at   timestamptz,
    transfer_id  text REFERENCES ledger_transfers,
    accepted     integer,
    total        integer,
    to_talent    bigint NOT NULL DEFAULT 0 CHECK (to_talent >= 0),
    fee          bigint NOT NULL DEFAULT 0 CHECK (fee >= 0),
    to_requester bigint NOT NULL DEFAULT 0 CHECK (to_requester >= 0),
    CONSTRAINT escrow_holds_parties UNIQUE (booking_id, account_id, talent_id, currency, livemode),
    CONSTRAINT escrow_holds_settled CHECK ((status IN ('held', 'frozen')) = (settled_at IS NULL)
        AND (settled_at IS NULL) = (transfer_id IS NULL)
        AND to_talent + fee + to_requester = CASE WHEN settled_at IS NULL THEN 0 ELSE amount END)
);
CREATE INDEX escrow_holds_account ON escrow_holds (account_id) WHERE settled_at IS NULL;

-- +goose StatementBegin
CREATE FUNCTION escrow_guard_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.settled_at IS NULL AND TG_OP = 'UPDATE'
        AND (NEW.booking_id, NEW.account_id, NEW.talent_id, NEW.livemode, NEW.currency, NEW.amount)
            IS NOT DISTINCT FROM (OLD.booking_id, OLD.account_id, OLD.talent_id, OLD.livemode, OLD.currency, OLD.amount) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of the hold of % is refused: it is %', TG_OP, OLD.booking_id, OLD.status
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'escrow_holds_final', TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
CREATE TRIGGER escrow_holds_final BEFORE UPDATE OR DELETE ON escrow_holds FOR EACH ROW EXECUTE FUNCTION escrow_guard_hold();

CREATE TABLE payouts (
    id             text PRIMARY KEY CHECK (id LIKE 'pay\_%'),
    account_id     text NOT NULL,
    talent_id      text NOT NULL,
    booking_id     text NOT NULL UNIQUE,
    livemode       boolean NOT NULL,
    currency       text NOT NULL,
    amount         bigint NOT NULL CHECK (amount > 0),
    status         text NOT NULL CHECK (status IN ('initiated', 'paid', 'failed')),
    provider       text NOT NULL,
    attempts       integer NOT NULL DEFAULT 1 CHECK (attempts > 0),
    failure_reason text NOT NULL DEFAULT '',
    reference      text NOT NULL DEFAULT '',
    created_at     timestamptz NOT NULL,
    paid_at        timestamptz,
    FOREIGN KEY (booking_id, account_id, talent_id, currency, livemode)
        REFERENCES escrow_holds (booking_id, account_id, talent_id, currency, livemode),
    CHECK ((status = 'paid') = (paid_at IS NOT NULL)),
    CHECK ((status = 'failed') = (failure_reason <> ''))
);
CREATE INDEX payouts_account ON payouts (account_id, id);
CREATE INDEX payouts_talent ON payouts (talent_id, id);
CREATE INDEX payouts_open ON payouts (created_at) WHERE status <> 'paid';
CREATE INDEX payouts_reference ON payouts (provider, reference) WHERE reference <> '';

-- Where a provider sends a talent's money, such as a Stripe connected account.
CREATE TABLE payout_destinations (
    talent_id  text NOT NULL REFERENCES talent,
    provider   text NOT NULL,
    reference  text NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (talent_id, provider)
);

-- +goose Down
DROP TABLE payout_destinations;
DROP TABLE payouts;
DROP TABLE escrow_holds;
DROP FUNCTION escrow_guard_hold;
