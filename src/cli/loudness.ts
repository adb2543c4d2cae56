/** How much a command says besides its results and errors: nothing; what people should know; also what it took. */
export type Loudness = 'quiet' | 'normal' | 'verbose';

let chosen: Loudness = 'normal';

/** Sets it for the process, before the command begins. */
export function setLoudness(wanted: Loudness): void {
  chosen = wanted;
}

export const loudness = (): Loudness => chosen;
