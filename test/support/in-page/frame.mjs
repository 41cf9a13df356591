/** Puts an inbox into a frame. */
export default function frame(inbox) {
  document.body.innerHTML = `<iframe src="${inbox}/"></iframe>`;
}
