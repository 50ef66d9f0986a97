// Sends each file as soon as it is chosen, one after the other, and shows how far it is. The answer
// is the upload component again and takes its place. Without this script the form's button does it.

const SIGNED_OUT = "登录已过期，文件没有上传。请在新窗口登录，再选一次文件。";
const NOT_SENT = "没有连上服务器，文件没有上传。请检查网络，再选一次文件。";
const TOO_LARGE = "文件太大，服务器没有接收。请压缩图片或分成几个文件再传。";
const FAILED = "服务器没有接收这个文件。请刷新页面再试；还是不行，请联系教育局的系统管理员。";

for (const place of document.querySelectorAll("[data-upload-place]")) {
  // The form's own saving never sends files: this script does.
  const prepare = () => {
    place.querySelector("input[type=file]")?.removeAttribute("name");
    for (const button of place.querySelectorAll("[data-upload-button]")) button.hidden = true;
    // Without a file to send, hundreds of fields cost the server a fraction as an ordinary form.
    const form = place.closest("form");
    if (form && !form.querySelector("input[type=file][name]")) form.enctype = "application/x-www-form-urlencoded";
  };
  prepare();
  place.addEventListener("change", async (event) => {
    const input = event.target.closest("input[type=file]");
    if (!input) return;
    event.stopPropagation();
    const files = [...input.files];
    const refusals = [];
    for (const [number, file] of files.entries()) {
      const upload = place.querySelector("[data-upload]");
      const said = await send(place, upload, file, number + 1, files.length);
      if (said) refusals.push(said);
    }
    // A later file's answer has replaced what was said of an earlier one.
    if (refusals.length) say(place, refusals.join(""));
    place.querySelector("input[type=file]")?.focus();
  });
  // What is typed into the form is not touched by choosing a file.
  place.addEventListener("input", (event) => event.stopPropagation());

  // Returns what was refused, in words, or nothing.
  function send(at, upload, file, number, of) {
    const form = at.closest("form");
    const data = new FormData();
    data.append("attachments", file);
    const request = new XMLHttpRequest();
    const input = upload.querySelector("input[type=file]");
    const line = upload.querySelector(".upload-chosen");
    const bar = document.createElement("progress");
    bar.max = 100;
    const words = document.createElement("span");
    line.replaceChildren(words, bar);
    const tell = (text) => { words.textContent = `${text}${of > 1 ? `（第${number}个，共${of}个）` : ""}：${file.name} `; };
    tell("正在上传");
    if (input) input.disabled = true;
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = (event.loaded / event.total) * 100;
    });
    request.upload.addEventListener("load", () => {
      bar.removeAttribute("value");
      tell("正在检查");
    });
    return new Promise((resolve) => {
      const fail = (text) => {
        line.replaceChildren();
        if (input) {
          input.disabled = false;
          input.value = "";
        }
        say(at, `${file.name}：${text}`);
        resolve(`${file.name}：${text}`);
      };
      request.addEventListener("load", () => {
        const answered = new URL(request.responseURL || location.href);
        if (answered.pathname === document.body.dataset.signIn || request.status === 403) return fail(SIGNED_OUT);
        if (request.status === 413) return fail(TOO_LARGE);
        if (![200, 422].includes(request.status)) return fail(FAILED);
        at.innerHTML = request.responseText;
        prepare();
        return resolve(at.querySelector(".field-error span")?.textContent ?? "");
      });
      request.addEventListener("error", () => fail(NOT_SENT));
      request.addEventListener("timeout", () => fail(NOT_SENT));
      request.open("POST", upload.dataset.uploadUrl);
      request.timeout = 120000;
      request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      request.setRequestHeader("X-Requested-With", "fetch");
      request.send(data);
    });
  }
}

function say(place, text) {
  let error = place.querySelector(".field-error");
  if (!error) {
    error = document.createElement("p");
    error.className = "field-error";
    error.setAttribute("role", "alert");
    error.append(document.createElement("span"));
    place.querySelector(".form-hint, .form-label").after(error);
  }
  error.querySelector("span").textContent = text;
}
