let speaker: AudioContext | undefined;

/** Two short tones. A browser that forbids sound stays silent. */
export function chime(): void {
  try {
    speaker ??= new AudioContext();
    const at = speaker.currentTime;
    for (const [tone, late] of [
      [660, 0],
      [880, 0.12],
    ] as const) {
      const wave = speaker.createOscillator();
      const loud = speaker.createGain();
      wave.frequency.value = tone;
      loud.gain.setValueAtTime(0.08, at + late);
      loud.gain.exponentialRampToValueAtTime(0.0001, at + late + 0.25);
      wave.connect(loud).connect(speaker.destination);
      wave.start(at + late);
      wave.stop(at + late + 0.3);
    }
  } catch {} // no sound, then
}
