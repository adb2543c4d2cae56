import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  type VirtualItem,
  Virtualizer,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualRows {
  /** The rows that are near what is seen. */
  readonly items: readonly VirtualItem[];
  /** Height of all rows, in pixels. */
  readonly total: number;
  scrollTo(row: number): void;
}

/** Rows of one height in an element that scrolls: only those near what is seen are drawn. */
export function useVirtualRows(
  scrolled: RefObject<HTMLElement | null>,
  count: number,
  height: number,
): VirtualRows {
  const [, redraw] = useState(0);
  const drawn = useRef('');
  const options = {
    count,
    getScrollElement: () => scrolled.current,
    estimateSize: () => height,
    overscan: 3,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    // Rows that are there already move with what scrolls: nothing is drawn until there are others.
    onChange: (changed: Virtualizer<HTMLElement, HTMLElement>) => {
      const rows = rangeOf(changed.getVirtualItems());
      if (rows === drawn.current) return;
      drawn.current = rows;
      redraw((n) => n + 1);
    },
  };
  const [virtual] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtual.setOptions(options);
  // Rows of another height lie elsewhere.
  useLayoutEffect(() => virtual.measure(), [height]);
  useEffect(() => virtual._didMount(), []);
  useLayoutEffect(() => virtual._willUpdate());
  return {
    items: virtual.getVirtualItems(),
    total: virtual.getTotalSize(),
    scrollTo: (row) => virtual.scrollToIndex(row),
  };
}

const rangeOf = (items: readonly VirtualItem[]): string =>
  `${items[0]?.index} ${items[items.length - 1]?.index}`;
