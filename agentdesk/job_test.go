package agentdesk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"relevo/router/jobs"
)

// fax is something that can be done later, and fails.
type fax struct {
	Number string `json:"number"`
}

func (fax) Kind() string { return "fax" }

func TestAdministratorsSeeWhatFailedForGoodAndSendItAgain(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		busy := errors.New("line is busy")
		jobs.Handle(o.jobs, jobs.Policy{Tries: 1}, func(jobs.Context, fax) error { return busy })
		require.NoError(t, o.db.Tx(t.Context(), func(tx *gorm.DB) error {
			return o.jobs.Insert(tx, jobs.Entry{Job: fax{Number: "555-0100"}})
		}))
		require.NoError(t, o.jobs.Drain(t.Context()))

		require.Equal(t, 401, o.ask("ana", "GET", account+"/failed_jobs", "").status)
		failed := o.must("jefa", "GET", account+"/failed_jobs", "").payload()
		require.Len(t, failed, 1)
		require.Equal(t, "fax", failed[0]["kind"])
		require.Equal(t, map[string]any{"number": "555-0100"}, failed[0]["args"])
		require.Equal(t, "line is busy", failed[0]["error"])
		require.EqualValues(t, 1, failed[0]["tries"])

		retry := fmt.Sprintf("%s/failed_jobs/%v/retry", account, failed[0]["id"])
		require.Equal(t, 401, o.ask("ana", "POST", retry, "").status)
		busy = nil
		o.must("jefa", "POST", retry, "")
		require.NoError(t, o.jobs.Drain(t.Context()))
		require.Empty(t, o.must("jefa", "GET", account+"/failed_jobs", "").payload())
		require.Equal(t, 404, o.ask("jefa", "POST", retry, "").status, "it was done")
	})
}
