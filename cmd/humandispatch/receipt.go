package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"

	"github.com/humandispatch/humandispatch/dispatch/escrow/receipt"
)

type receiptCmd struct {
	Verify receiptVerifyCmd `cmd:"" help:"Check a receipt offline: status 0 when a key of the deployment signed exactly it, 1 when not."`
}

type receiptVerifyCmd struct {
	File string `arg:"" help:"The receipt, as GET /v1/work_orders/{id}/receipt answered it."`
	Keys string `required:"" placeholder:"FILE" help:"The deployment's public keys, as its /.well-known/humandispatch-receipt-keys.json says them, or one bare key in base64."`
}

// Run says what the receipt states when it holds.
func (c *receiptVerifyCmd) Run(std streams) error {
	file, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	published, err := os.ReadFile(c.Keys)
	if err != nil {
		return err
	}
	var keys []ed25519.PublicKey
	if keys, err = receipt.ParsePublicKeys(published); err != nil {
		return fmt.Errorf("%s: %w", c.Keys, err)
	}
	r, err := receipt.Verify(file, keys...)
	if err != nil {
		return errors.Join(fmt.Errorf("%s does not hold", c.File), err)
	}
	qa := "never judged"
	if r.QA != nil {
		qa = fmt.Sprintf("QA run %s of revision %d, passed: %t", r.QA.RunID, r.QA.Revision, r.QA.OverallPass)
	}
	_, err = fmt.Fprintf(std.out, "The receipt holds: work order %s (%s) is %s; %d files; %d check-ins; %s; %d postings.\n",
		r.WorkOrderID, r.Brief.TaskType, r.Status, len(r.Files), len(r.CheckIns), qa, len(r.Postings))
	return err
}
