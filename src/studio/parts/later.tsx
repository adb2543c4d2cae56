import type { FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Waiting } from './notice.tsx';

/** A part of the page whose code is loaded when it is first shown. */
export function later(load: () => Promise<FunctionComponent>): FunctionComponent {
  let known: FunctionComponent | undefined;
  return () => {
    const [Loaded, hold] = useState(() => known);
    const [message, setMessage] = useState<string>();
    useEffect(() => {
      if (known) return;
      load().then(
        (component) => {
          known = component;
          hold(() => component);
        },
        (error: unknown) => setMessage(error instanceof Error ? error.message : String(error)),
      );
    }, []);
    if (Loaded) return <Loaded />;
    return (
      <main id="main">
        {message === undefined ? (
          <Waiting text="opening" />
        ) : (
          <p class="notice notice-failed" role="alert">
            {message}: reload the page
          </p>
        )}
      </main>
    );
  };
}
