/* What ONNX Runtime says. */

/** Only what ends a run is worth a word, and that is thrown: nothing goes to the user's terminal by itself. */
export const quiet = { logLevel: 'fatal', logSeverityLevel: 4 } as const;

/** What was thrown, in one line. */
export function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim();
}
