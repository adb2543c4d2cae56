import { FACE_API_MODEL } from '../../verbs/usualnames.ts';

/** What is there on the first visit. */
export const firstVisit = {
  model: FACE_API_MODEL,
  photo: 'astronaut-face.png',
} as const;

/** A photo of nobody, which the tour asks about, too. */
export const CAT_PHOTO = 'cat.jpg';
