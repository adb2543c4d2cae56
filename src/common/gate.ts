/** Lets at most so many tasks go on at a time; the others wait their turn. */
export type Gate = <T>(task: () => Promise<T>) => Promise<T>;

export function openGate(width: number): Gate {
  let open = width;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (open > 0) open--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else open++;
    }
  };
}
