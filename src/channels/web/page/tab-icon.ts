const COUNT_MAX = 99;

/** Shows the number of open questions in the tab: title and icon. */
export function showCount(count: number, page: string): void {
  document.title = `${count > 0 ? `(${count}) ` : ''}${page} · Switchboard`;
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link) link.href = count > 0 ? badge(count > COUNT_MAX ? `${COUNT_MAX}+` : String(count)) : '/assets/icon.svg';
}

function badge(text: string): string {
  const size = [0, 21, 18, 13][text.length] ?? 13;
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#b3431f"/>' +
    `<text x="16" y="16" dy=".36em" text-anchor="middle" font-family="sans-serif" font-weight="700" font-size="${size}" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
