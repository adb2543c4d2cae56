/** limn's version, as in its package; a test holds the two together. */
export const version = '0.1.0';
