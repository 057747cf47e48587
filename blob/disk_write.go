package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// errExists reports that the key is taken by other content.
var errExists = errors.New("blob: other content is stored under this key")

// write stores what body holds under the key, which must be free or hold the
// same content. It returns the bytes and the SHA-256 in hex; on any error
// nothing is visible under the key that was not before.
func (d *Disk) write(key, contentType string, body io.Reader) (int64, string, error) {
	scratch, err := os.MkdirTemp(filepath.Join(d.dir, "tmp"), "upload-")
	if err != nil {
		return 0, "", err
	}
	defer os.RemoveAll(scratch)

	size, sum, err := fill(filepath.Join(scratch, contentName), body)
	if err != nil {
		return 0, "", err
	}
	data, err := json.Marshal(meta{Key: key, ContentType: contentType, Bytes: size, SHA256: sum, StoredAt: d.now().UTC()})
	if err != nil {
		return 0, "", err
	}
	if err := writeSynced(filepath.Join(scratch, metaName), data); err != nil {
		return 0, "", err
	}
	if err := syncDir(scratch); err != nil {
		return 0, "", err
	}

	place := d.place(key)
	shard := filepath.Dir(place)
	err = os.Mkdir(shard, 0o700)
	if err == nil {
		err = syncDir(filepath.Dir(shard))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return 0, "", err
	}
	// A directory is never renamed onto one that holds files: of two uploads at
	// once, one wins.
	if err := os.Rename(scratch, place); errors.Is(err, fs.ErrExist) {
		return size, sum, d.same(key, contentType, sum)
	} else if err != nil {
		return 0, "", err
	}
	return size, sum, syncDir(shard)
}

// same returns nil when the key holds this content, errExists when other.
func (d *Disk) same(key, contentType, sum string) error {
	m, err := d.meta(key)
	if err != nil {
		return err
	}
	if m.SHA256 != sum || m.ContentType != contentType {
		return errExists
	}
	return nil
}

// fill copies body into a new file and to the disk itself.
func fill(path string, body io.Reader) (int64, string, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	hash := sha256.New()
	// Writers alone, so that no ReadFrom takes over with a buffer of its own size.
	size, err := io.CopyBuffer(io.MultiWriter(file, hash), body, make([]byte, 256<<10))
	if err != nil {
		return 0, "", err
	}
	if err := file.Sync(); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(hash.Sum(nil)), file.Close()
}

func writeSynced(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Write(data); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return file.Close()
}

// syncDir makes the entries of a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
