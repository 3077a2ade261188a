package main

import "testing"

// TestTheWidgetAndHostileVisitors opens the widget in a real Chromium as
// somebody who means harm would. What they do and what has to be seen is in
// web/widget/test/hostile.test.mjs.
func TestTheWidgetAndHostileVisitors(t *testing.T) {
	inBrowser(t, "hostile.test.mjs", "RELEVO_SERVERS="+planned(t, noLimits, "limits: { visitor_per_minute: 60, ip_per_minute: 0, messages_per_minute: 200 }"))
}
