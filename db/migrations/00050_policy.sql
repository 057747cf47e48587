-- +goose Up
-- Owner: dispatch/policy. One row per screening whose outcome counted. task_id is not a
-- reference: a blocked attempt may be recorded without a task.
CREATE TABLE policy_decisions (
    id            text PRIMARY KEY CHECK (id LIKE 'pol\_%'),
    account_id    text NOT NULL REFERENCES accounts,
    task_id       text,
    subject       text NOT NULL CHECK (subject IN ('task', 'quote', 'change_request', 'caption')),
    decision      text NOT NULL CHECK (decision IN ('allow', 'review', 'block')),
    rules         jsonb NOT NULL,
    rule_set      text NOT NULL,
    fingerprint   bigint NOT NULL, -- similarity hash of the words; near-equal texts differ in few bits
    created_at    timestamptz NOT NULL,
    approved      boolean,         -- what the reviewer decided; null while nobody has
    reviewed_by   text,
    review_reason text,
    reviewed_at   timestamptz,
    CONSTRAINT policy_decisions_reviewed CHECK ((approved IS NULL) = (reviewed_at IS NULL) AND (approved IS NULL) = (reviewed_by IS NULL) AND (approved IS NULL) = (review_reason IS NULL))
);
CREATE INDEX policy_decisions_account ON policy_decisions (account_id, created_at DESC);
CREATE INDEX policy_decisions_task ON policy_decisions (task_id, id DESC) WHERE task_id IS NOT NULL;
CREATE INDEX policy_decisions_pending ON policy_decisions (id) WHERE decision = 'review' AND approved IS NULL;

-- +goose Down
DROP TABLE policy_decisions;
