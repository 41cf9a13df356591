/**
 * What is in a page of the web inbox that no code of its own has made, or that does not stay in its place.
 */
export default function harm() {
  const found = [];
  if ('pwned' in globalThis || document.title.includes('pwned')) found.push('a script has run');
  for (const tag of document.body.querySelectorAll(
    'img, iframe, object, embed, style, link, meta, base, video, audio, form[action]',
  )) {
    found.push(`<${tag.localName}>`);
  }
  for (const element of document.body.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) found.push(`${element.localName} ${name}`);
      if (/^(href|src|action|formaction)$/.test(name) && !/^(\/[^/\\]|\/$|#|\/$)/.test(value))
        found.push(`${name}=${value.slice(0, 80)}`);
    }
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = [...document.body.querySelectorAll('*')].filter(
      (one) => one.getBoundingClientRect().right > clientWidth + 1,
    );
    const names = new Set(wide.map((one) => `${one.parentElement?.className} > ${one.className || one.localName}`));
    found.push(`the page is ${scrollWidth} wide in a window of ${clientWidth}: ${[...names].join(', ')}`);
  }
  for (const card of document.querySelectorAll('.card, .past, .session, .event')) {
    const { left, right } = card.getBoundingClientRect();
    for (const part of card.querySelectorAll('*')) {
      const rect = part.getBoundingClientRect();
      // What scrolls in itself, or is there for those who listen, takes up no room.
      if (part.closest('pre, .unseen, svg') || rect.width === 0) continue;
      if (rect.right > right + 1 || rect.left < left - 1)
        found.push(`${part.className || part.localName} leaves its ${card.className}`);
    }
  }
  // Letters of ours that stand beside a mark that turns the text still go from left to right.
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    const words = node.nodeValue ?? '';
    if (/[\u061c\u200f\u202a-\u202e\u2066-\u2069]/.test(words)) continue;
    const [first, second] = [words.search(/[A-Za-z][A-Za-z]/), words.search(/[A-Za-z][A-Za-z]/) + 1];
    if (first < 0) continue;
    const leftOf = (at) => {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      return range.getBoundingClientRect();
    };
    const [a, b] = [leftOf(first), leftOf(second)];
    if (a.width > 0 && b.width > 0 && a.top === b.top && a.left > b.left)
      found.push(`turned round: ${words.slice(0, 60)}`);
  }
  return [...new Set(found)];
}
