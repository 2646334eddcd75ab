// What is wrong with how a page looks, in the window that it is shown in: a list of [what, where and how much].
() => {
  const found = [];
  const paper = matchMedia('print').matches;
  const tell = (what, where, how) => found.push([what, `${where}${how ? ': ' + how : ''}`]);
  const short = (text) => (text.length > 60 ? text.slice(0, 57) + '...' : text).replace(/\s+/g, ' ').trim();
  const name = (element) => {
    const path = [];
    for (let at = element; at && at !== document.body && path.length < 3; at = at.parentElement) {
      const classes = [...at.classList].slice(0, 2).map((one) => '.' + one).join('');
      path.unshift(at.localName + (at.id ? '#' + at.id : '') + classes);
    }
    return path.join(' > ');
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  // What is there for ears alone is one pixel large.
  const forEars = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.position === 'absolute' && style.overflow === 'hidden' && at.clientWidth <= 1) return true;
      if (at.classList.contains('skip')) return true;
    }
    return false;
  };
  const scrolls = (element) => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  const inScroller = (element) => {
    for (let at = element; at; at = at.parentElement) if (scrolls(at)) return true;
    return false;
  };
  const common = (one, two) => [
    Math.min(one.right, two.right) - Math.max(one.left, two.left),
    Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top),
  ];

  // --- the page as a whole
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) tell('sideways', 'the page', `${wide} px too wide`);
  const ids = new Map();
  for (const element of document.querySelectorAll('[id]')) ids.set(element.id, (ids.get(element.id) || 0) + 1);
  for (const [id, times] of ids) if (times > 1) tell('id', id, `${times} times`);
  for (const element of document.querySelectorAll('[aria-labelledby], [aria-describedby], [aria-controls], label[for]'))
    for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for'])
      for (const id of (element.getAttribute(attribute) || '').split(/\s+/).filter(Boolean))
        if (!ids.has(id)) tell('id', name(element), `${attribute} names ${id}, which is not there`);
  for (const link of document.querySelectorAll('a[href]'))
    if (!/^(https?:|mailto:|data:,|#|[^:]*$)/.test(link.getAttribute('href')))
      tell('address', name(link), short(link.getAttribute('href')));
  for (const element of document.querySelectorAll('*'))
    for (const { name: attribute } of element.attributes)
      if (/^on/i.test(attribute)) tell('address', name(element), attribute);

  // --- text: in its box, and not over another text
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [];
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || element.closest('svg, script, style, option') || !shown(element) || forEars(element)) continue;
    range.selectNodeContents(node);
    let box = element;
    while (['inline', 'contents'].includes(getComputedStyle(box).display)) box = box.parentElement;
    const around = box.getBoundingClientRect();
    const style = getComputedStyle(box);
    if (parseFloat(getComputedStyle(element).fontSize) < 9) tell('small', name(element), short(node.data));
    if (style.overflowX === 'hidden' && box.scrollWidth > box.clientWidth + 1) tell('cut', name(box), short(node.data));
    if (style.overflowY === 'hidden' && box.scrollHeight > box.clientHeight + 2) tell('cut', name(box), short(node.data));
    for (const rect of range.getClientRects()) {
      if (rect.width < 1) continue;
      const out = Math.max(around.left - rect.left, rect.right - around.right);
      if (out > 1 && !inScroller(element)) tell('sticks out', name(box), `${out.toFixed(1)} px, ${short(node.data)}`);
      lines.push({ rect, element, box, text: node.data });
    }
  }
  lines.sort((one, two) => one.rect.top - two.rect.top);
  lines.forEach((one, number) => {
    for (let next = number + 1; next < lines.length && lines[next].rect.top < one.rect.bottom - 3; next++) {
      const two = lines[next];
      const [across, down] = common(one.rect, two.rect);
      if (across > 1 && down > 3 && !inScroller(one.element) && !inScroller(two.element))
        tell('text over text', name(one.box), `${short(one.text)} | ${short(two.text)}`);
    }
  });
  // Boxes: none sticks out of the cell, card or list entry that it stands in.
  for (const element of document.querySelectorAll('main *, footer *')) {
    if (!shown(element) || element.closest('svg') !== null || forEars(element) || inScroller(element)) continue;
    if (['inline', 'contents'].includes(getComputedStyle(element).display)) continue;
    if (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1)
      tell('sticks out', name(element), `its content is ${element.scrollWidth - element.clientWidth} px too wide`);
  }
  for (const picture of document.querySelectorAll('svg')) {
    if (!shown(picture)) continue;
    const [own, around] = [picture.getBoundingClientRect(), picture.parentElement.getBoundingClientRect()];
    if (own.right > around.right + 8 || own.left < around.left - 8) tell('sticks out', name(picture), short(picture.getAttribute('aria-label') || ''));
  }

  // --- pictures
  const painted = (element) => {
    const fill = getComputedStyle(element).fill;
    return fill !== 'none' && !/, 0\)$/.test(fill) ? fill : null;
  };
  for (const picture of document.querySelectorAll('svg')) {
    const label = picture.getAttribute('aria-label') || (picture.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent || '').join(' ');
    if (picture.getAttribute('aria-hidden') !== 'true') {
      if (picture.getAttribute('role') !== 'img') tell('picture', name(picture), 'no role');
      if (!label.trim()) tell('picture', name(picture), 'no name');
    }
    if (!shown(picture)) continue;
    const frame = picture.getBoundingClientRect();
    const labels = [...picture.querySelectorAll('text')].filter((text) => shown(text) && text.textContent.trim());
    const boxes = labels.map((text) => {
      // A box of a text is as high as its font allows; what is drawn stays within less.
      const { left, right, top, bottom, height } = text.getBoundingClientRect();
      return { left, right, top: top + height * 0.12, bottom: bottom - height * 0.16 };
    });
    labels.forEach((text, number) => {
      const box = boxes[number];
      const where = `${name(picture)} ${short(label)}`;
      const scale = picture.getScreenCTM().a;
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      if (size < 9) tell('small', where, `${size.toFixed(1)} px, ${short(text.textContent)}`);
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        tell('label outside', where, short(text.textContent));
      for (let next = number + 1; next < labels.length; next++) {
        const [across, down] = common(box, boxes[next]);
        if (across > 0.5 && down > 0.5) tell('label over label', where, `${short(text.textContent)} | ${short(labels[next].textContent)}`);
      }
    });
  }

  // --- contrast: of labels in pictures too, which axe leaves out
  const light = (color) => {
    const parts = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (!/, 0\)$/.test(color)) return color;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches && !paper ? 'rgb(18, 18, 18)' : 'rgb(255, 255, 255)';
  };
  const behind = (text) => {
    const middle = text.getBoundingClientRect();
    const [x, y] = [middle.left + middle.width / 2, middle.top + middle.height / 2];
    for (const shape of [...text.ownerSVGElement.querySelectorAll('rect')].reverse()) {
      const box = shape.getBoundingClientRect();
      const before = shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (before && painted(shape) && shown(shape) && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom)
        return painted(shape);
    }
    return ground(text.ownerSVGElement);
  };
  const contrast = (color, under, where, text) => {
    const [one, two] = [light(color), light(under)];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) tell('contrast', where, `${ratio.toFixed(1)}, ${short(text)}`);
  };
  for (const text of document.querySelectorAll('svg text'))
    if (shown(text) && text.textContent.trim())
      contrast(getComputedStyle(text).fill, behind(text), name(text.ownerSVGElement), text.textContent);
  for (const element of new Set(lines.map((line) => line.element)))
    contrast(getComputedStyle(element).color, ground(element), name(element), element.textContent);

  // --- paper: nothing that belongs together is cut
  if (paper)
    for (const element of document.querySelectorAll('tbody tr')) {
      let kept = !shown(element);
      for (let at = element; at && !kept; at = at.parentElement) kept = getComputedStyle(at).breakInside === 'avoid';
      if (!kept) tell('cut by pages', name(element));
    }

  // --- targets: 24 pixels, unless in a sentence
  for (const target of paper ? [] : document.querySelectorAll('a[href], button, summary, input:not([type=hidden]), select')) {
    if (!shown(target) || forEars(target)) continue;
    const { width, height } = target.getBoundingClientRect();
    const sentence = getComputedStyle(target).display.startsWith('inline')
      && [...target.parentElement.childNodes].some((one) => one.nodeType === Node.TEXT_NODE && /\p{L}/u.test(one.data));
    if ((height < 23.9 || width < 23.9) && !sentence)
      tell('target', name(target), `${width.toFixed(0)} x ${height.toFixed(0)} px, ${short(target.textContent)}`);
  }
  return found;
}
