import { signal } from '@preact/signals';

/** What could not be done, in words. */
export const failure = signal<string | undefined>(undefined);

/** The words of an error; none where a person ended it. */
export function failed(error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return;
  failure.value = error instanceof Error ? error.message : String(error);
}

/** Whatever a button began and nobody else has caught is said in the page. */
export function followFailures(): void {
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    failed(event.reason);
  });
}
