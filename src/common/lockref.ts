/** One taking of a lock, as another process may be told of it. */
export interface LockRef {
  /** The lock's path, whose file has the number after it: `LOCK.NUMBER`. */
  readonly lock: string;
  readonly number: number;
  readonly token: string;
}
