package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// memoryFormat is raised when a change of memory would be misread by the
// version before.
const memoryFormat = 1

// errNewerMemory is for a conversation that a newer version has worked on.
var errNewerMemory = errors.New("memory was written by a newer version")

// memory is all that the bot knows of a conversation. It lives on the
// conversation's row.
type memory struct {
	Format  int    `json:"format"`
	Episode int    `json:"episode"`
	Flow    string `json:"flow"` // the hash that Step counts in
	Resumed bool   `json:"resumed,omitempty"`
	Done    bool   `json:"done,omitempty"` // handed off or resolved: the next words begin anew

	Step    int         `json:"step"`
	Entered bool        `json:"entered,omitempty"` // Step waits for the customer
	Opener  *opener     `json:"opener,omitempty"`
	Collect *collecting `json:"collect,omitempty"` // of the collect step in hand

	// Talked says that a dialogflow step was entered in this episode.
	Talked  bool               `json:"talked,omitempty"`
	Dialogs map[string]*dialog `json:"dialogs,omitempty"` // by dialogflow step
	Intent  string             `json:"intent,omitempty"`  // the last one matched
	Found   map[string]any     `json:"found,omitempty"`   // parameters that agents filled

	// These outlive the episode.
	Data     map[string]string `json:"data,omitempty"`     // what was collected
	Said     []string          `json:"said,omitempty"`     // say steps
	Declined []string          `json:"declined,omitempty"` // collects that the customer would not answer
}

// opener is what the customer said before the bot had asked anything. It
// waits for the first dialogflow step.
type opener struct {
	Text  string `json:"text"`
	Files bool   `json:"files,omitempty"`
}

// collecting is how far a collect step has come.
type collecting struct {
	Failed int   `json:"failed,omitempty"` // answers that were not valid
	Hint   *hint `json:"hint,omitempty"`
}

// hint is an address that looks mistyped, while the customer is asked.
type hint struct {
	Typed string `json:"typed"`
	Meant string `json:"meant"`
}

// dialog is one dialogflow step's talk with its agent.
type dialog struct {
	Session    string    `json:"session,omitempty"`
	Contexts   []Context `json:"contexts,omitempty"` // active after the last answer
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	Fallbacks  int       `json:"fallbacks,omitempty"` // in a row
	Turns      int       `json:"turns,omitempty"`
	Slot       string    `json:"slot,omitempty"`      // what the agent is asking for
	SlotAsks   int       `json:"slot_asks,omitempty"` // how often in a row
}

// recall reads what the last turn left. Nothing at all is an empty memory.
func recall(stored json.RawMessage) (*memory, error) {
	m := &memory{Format: memoryFormat}
	if len(stored) == 0 || string(stored) == "null" || string(stored) == "{}" {
		return m, nil
	}
	if err := json.Unmarshal(stored, m); err != nil {
		return nil, fmt.Errorf("memory cannot be read: %w", err)
	}
	if m.Format > memoryFormat {
		return nil, fmt.Errorf("%w: format %d", errNewerMemory, m.Format)
	}
	return m, nil
}

func (m *memory) store() (json.RawMessage, error) {
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("memory cannot be stored: %w", err)
	}
	return b, nil
}

// beginEpisode forgets where the conversation stood. With keep, dialogues go
// on: their state stays, their counters and sessions do not.
func (m *memory) beginEpisode(episode int, flow string, keep bool) {
	old := m.Dialogs
	*m = memory{Format: memoryFormat, Episode: episode, Flow: flow, Resumed: keep,
		Data: m.Data, Said: m.Said, Declined: m.Declined, Found: m.Found}
	if !keep {
		m.Found = nil
		return
	}
	for key, d := range old {
		m.dialog(key).Contexts, m.dialog(key).AnsweredAt = d.Contexts, d.AnsweredAt
	}
}

// dialog returns the talk of a dialogflow step, a new one at first.
func (m *memory) dialog(key string) *dialog {
	if m.Dialogs == nil {
		m.Dialogs = map[string]*dialog{}
	}
	if m.Dialogs[key] == nil {
		m.Dialogs[key] = &dialog{}
	}
	return m.Dialogs[key]
}

func (m *memory) learn(key, value string) {
	if m.Data == nil {
		m.Data = map[string]string{}
	}
	m.Data[key] = value
}
