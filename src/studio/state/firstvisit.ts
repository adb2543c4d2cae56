import { FACE_API_MODEL } from '../../verbs/usualnames.ts';

/** What is there on the first visit. */
export const firstVisit = {
  model: FACE_API_MODEL,
  photo: 'astronaut-face.png',
} as const;
