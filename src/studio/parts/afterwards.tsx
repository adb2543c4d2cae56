import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/**
 * What need not be there at once: it is drawn in a task of its own, after what stands around it was seen, so that the page
 * hears its user in between.
 */
export function Afterwards({ children }: { readonly children: ComponentChildren }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true));
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}
