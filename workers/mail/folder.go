package mail

import (
	"context"
	"fmt"
	netmail "net/mail"
	"os"
	"path/filepath"
)

// Folder writes each mail to a file <ID>.eml; sending again overwrites it.
type Folder struct {
	dir  string
	from *netmail.Address
}

// NewFolder uses dir, creating it when needed.
func NewFolder(dir, from string) (*Folder, error) {
	address, err := parseFrom(from)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return &Folder{dir: dir, from: address}, nil
}

// Send implements Sender.
func (f *Folder) Send(_ context.Context, m Message) error {
	msg, err := compose(f.from, m)
	if err != nil {
		return err
	}
	// Written whole before it has its name, so that a watcher never reads half.
	file, err := os.CreateTemp(f.dir, ".mail-*")
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	defer os.Remove(file.Name()) // fails once it was renamed
	defer file.Close()
	if _, err := msg.WriteTo(file); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := os.Rename(file.Name(), filepath.Join(f.dir, m.ID+".eml")); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}
