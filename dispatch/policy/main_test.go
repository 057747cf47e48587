package policy

import (
	"os"
	"testing"

	"github.com/humandispatch/humandispatch/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
