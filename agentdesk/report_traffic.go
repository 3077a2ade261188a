package agentdesk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"relevo/router/api"
	"relevo/router/report"
)

// reportTraffic asks for the hours in which conversations begin.
type reportTraffic struct {
	reportRange
	readersClock
}

// downloadTraffic has a line for each hour of the day and a column for each
// day: how many conversations began then, by the reader's clock. The days are
// whole; the hours that are still to come are empty.
func (d *Desk) downloadTraffic(ctx context.Context, in *reportTraffic) (api.Download, error) {
	zone, err := in.zone()
	if err != nil {
		return api.Download{}, err
	}
	of, err := d.reportFor(ctx, &reportScope{reportRange: in.reportRange})
	if err != nil {
		return api.Download{}, err
	}
	y, m, day := of.Since.In(zone).Date()
	of.Since = time.Date(y, m, day, 0, 0, 0, 0, zone)
	points, err := d.router.Reports().Series(ctx, of.question(report.Began), report.Hour, zone)
	if err != nil {
		return api.Download{}, err
	}
	heading := headings(ctx, "report.column.", []string{"hour"})
	lines := make([][]string, 24)
	for hour := range lines {
		lines[hour] = []string{fmt.Sprintf("%02d:00", hour)}
	}
	for chunk := range slices.Chunk(points, 24) {
		heading = append(heading, chunk[0].At.Format(time.DateOnly))
		for hour := range lines {
			cell := ""
			if hour < len(chunk) {
				cell = number(chunk[hour].Count)
			}
			lines[hour] = append(lines[hour], cell)
		}
	}
	return table("conversation_traffic_reports.csv", heading, lines)
}
