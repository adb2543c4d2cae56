/** The folder that a file is in. */
export const folderOf = (path: string): string => path.replace(/\/?[^/]*$/, '') || '.';
