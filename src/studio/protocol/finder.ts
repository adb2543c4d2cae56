/** What the page calls a file of the networks that find faces: nobody else's. */
export const pathOfFinder = (file: string): string => `limn studio/faces/${file}`;
