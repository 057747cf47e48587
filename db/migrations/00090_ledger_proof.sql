-- +goose Up
-- Owner: dispatch/escrow. What the last proof of the ledger found, for the metrics
-- of every process; there is at most one row.
CREATE TABLE ledger_proofs (
    one           boolean PRIMARY KEY DEFAULT true CHECK (one),
    proven_at     timestamptz NOT NULL,
    discrepancies integer NOT NULL CHECK (discrepancies >= 0),
    told          jsonb NOT NULL -- by account: a digest of what its log was told of last
);

-- +goose Down
DROP TABLE ledger_proofs;
