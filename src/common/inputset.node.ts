import { folderIdentity } from './vanished.node.ts';

/** Files that a piece of work reads, known by what they are: links and other spellings of a path lead to the same. */
export interface InputSet {
  /** The paths are looked at once somebody asks. */
  add(paths: Iterable<string | undefined>): void;
  has(path: string): Promise<boolean>;
}

export function inputSet(): InputSet {
  let added: Iterable<string | undefined>[] = [];
  let looked = Promise.resolve();
  const known = new Set<string>();
  const look = async (waiting: readonly Iterable<string | undefined>[]): Promise<void> => {
    for (const paths of waiting) {
      for (const each of paths) {
        const input = each === undefined ? undefined : await folderIdentity(each);
        if (input !== undefined) known.add(input);
      }
    }
  };
  return {
    add: (paths) => void added.push(paths),
    async has(path) {
      const waiting = added;
      added = [];
      // One after another: whoever asks waits for all that were added before.
      looked = looked.then(() => look(waiting));
      await looked;
      const id = await folderIdentity(path);
      return id !== undefined && known.has(id);
    },
  };
}
