/** The folder that a file is in. */
export const folderOf = (path: string): string => path.replace(/\/?[^/]*$/, '') || '.';

/** A file's name without its folder. */
export const fileNameOf = (path: string): string => path.replace(/^.*\//, '');
