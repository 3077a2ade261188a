// Package report keeps what reports are made of and answers them. Package
// router writes an Event in the transaction of every change that one is of;
// questions are answered from these rows alone, never from conversations or
// messages. What each figure counts is told in docs/reports.md.
package report
