/** What is there on the first visit. */
export const firstVisit = {
  model: 'face-api-age-gender.onnx',
  photo: 'astronaut-face.png',
} as const;
