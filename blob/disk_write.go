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

// written is what an upload brought.
type written struct {
	bytes  int64
	sha256 string // hex
	fresh  bool   // nothing was stored under the key before
}

// write stores what body holds under the key, which must be free or hold the
// same content. On any error nothing is visible under the key that was not
// before. An upload takes no room on the disk beside what is stored under its
// key or is just being stored: that is errBusy.
func (d *Disk) write(key, contentType string, body io.Reader) (written, error) {
	unlock, err := d.lock(key)
	if err != nil {
		return written{}, err
	}
	defer unlock()
	if _, err := d.meta(key); err == nil {
		hash := sha256.New()
		size, err := io.CopyBuffer(hash, body, make([]byte, 256<<10))
		if err != nil {
			return written{}, err
		}
		sum := hex.EncodeToString(hash.Sum(nil))
		return written{bytes: size, sha256: sum}, d.same(key, contentType, sum)
	} else if !errors.Is(err, ErrNotExist) {
		return written{}, err
	}

	scratch, err := os.MkdirTemp(filepath.Join(d.dir, "tmp"), "upload-")
	if err != nil {
		return written{}, err
	}
	defer os.RemoveAll(scratch)

	size, sum, err := fill(filepath.Join(scratch, contentName), body)
	if err != nil {
		return written{}, err
	}
	data, err := json.Marshal(meta{Key: key, ContentType: contentType, Bytes: size, SHA256: sum, StoredAt: d.now().UTC()})
	if err != nil {
		return written{}, err
	}
	if err := writeSynced(filepath.Join(scratch, metaName), data); err != nil {
		return written{}, err
	}
	if err := syncDir(scratch); err != nil {
		return written{}, err
	}

	place := d.place(key)
	shard := filepath.Dir(place)
	err = os.Mkdir(shard, 0o700)
	if err == nil {
		err = syncDir(filepath.Dir(shard))
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return written{}, err
	}
	// A directory is never renamed onto one that holds files: should a file system
	// not know locks between machines, of two uploads at once one wins.
	if err := os.Rename(scratch, place); errors.Is(err, fs.ErrExist) {
		return written{bytes: size, sha256: sum}, d.same(key, contentType, sum)
	} else if err != nil {
		return written{}, err
	}
	return written{bytes: size, sha256: sum, fresh: true}, syncDir(shard)
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
