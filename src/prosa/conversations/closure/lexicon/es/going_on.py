"""Spanish: what contacts say when they stay, and what only looks like a farewell."""

from prosa.conversations.closure.model import Signal

OPEN = {
    Signal.AFTERTHOUGHT: """
        en realidad * mas|otra|necesito|queria, una cosa|cosita|duda|pregunta|consulta mas,
        otra cosa|cosita|duda|pregunta|consulta, una ultima cosa|duda|pregunta|consulta,
        ultima duda|pregunta|consulta, solo una cosa|duda|pregunta|consulta, se me olvidaba|olvido,
        casi me? olvido, casi se me olvida, me olvide|olvidaba de|que?,
        antes de * cerrar|irme|terminar|finalizar, ya que, por cierto, aprovecho, pensandolo bien,
        me quedo una, me surgio, tengo una|otra duda|pregunta|consulta, una pregunta|consulta, ah y,
        cambie de idea|opinion""",
    Signal.KEEP_OPEN: """
        no cierres|cierre|cierren, no termines|finalices|finalice, no he|todavia|aun terminado|termine?,
        todavia no termine|termino, eso no es todo, no es todo, no es eso todo, no me dejes""",
    Signal.QUESTION: """
        cual, cuales, cuanto, cuantos, cuanta, cuantas, cuando, donde, adonde,
        como hago|puedo|se|es|hacer|pago|seria|funciona|lo|la|le|te, por que,
        que hora|horas|dia|precio|horario|tipo|pasa|paso, hay algun|alguna|mas|otro|otra,
        tienen|tienes|tiene, puedo, puede|puedes|podria|podrias|pueden|podrian, se puede, aceptan,
        venden, hacen|envian|entregan, sera que, y si, y el|la|los|las, que tal si, quien,
        y los|las|el|la|si|con|para|en|cuanto|cuando|donde|como|que|a, o solo, tambien los|las,
        atienden, abren, cierran, trabajan, entregan, cobran, incluye, sirve para,
        esta incluido|abierto|disponible""",
    Signal.REQUEST: """
        quiero, quisiera, queria, necesito, necesitaria, me gustaria, me interesa,
        me puede|puedes|podria|podrias|envia|envias|manda|mandas|dice,
        me dices|das|da|pasas|pasa|ayuda|ayudas|confirma|confirmas|avisa,
        enviame|envieme|mandame|mandeme|dime|digame|pasame|paseme|ayudame|ayudeme|llamame,
        llameme|avisame|aviseme|explicame|expliqueme|muestrame|confirmame|dame|deme|cambiame|agregame,
        agrega|agregue, por favor, porfa, porfavor, hablar con, voy a querer, ponme|pongame""",
    Signal.COMMAND: """
        envia|envie|envien|manda|mande|manden, verifica|verifique|revisa|revise|revisen, agenda|agende,
        reserva|reserve, cancela|cancele|cancelen, cambia|cambie, agrega|agregue, anade|anada,
        quita|quite, borra|borre, confirma|confirme, avisa|avise|avisen,
        devuelvanme|devuelveme|devuelva, arreglen|arregla|arregle, mira|mire si,
        expliquen|explica|explique, responde|responda|respondan""",
    Signal.PROBLEM: """
        no funciono|funciona|sirve|sirvio|llego|llega|recibi|entiendo|entendi|pude|puedo|abre|aparece,
        no se|he|esta|es|era|fue|hay|tengo|me|carga|responde|responden|coincide, todavia no, aun no,
        sigue sin, sigo sin, sigue, continua, da error, me da error, esta mal, equivocad@, rot@,
        problema, error, queja, reclamo, verguenza, pesim@, decepcionad@, falta, faltan, falto,
        cobraron, doble cobro, nadie, retrasad@, demora, hasta ahora nada, lo mismo de siempre,
        voy a cancelar|devolver|denunciar|demandar, todavia|aun sin|me|esta|sigue|aparece|con,
        esta sin|caido|caida, sin senal|internet|luz|sistema|respuesta|conexion, se corto|cayo|trabo""",
    Signal.HOLD: """
        un momento|momentito|minuto|segundo|segundito|minutito,
        dame|deme un|unos momento|minuto|segundo|minutos|segundos, espera, espere, esperate, ya vuelvo,
        ahora vuelvo, enseguida vuelvo, ya te lo|la? mando|envio|paso|digo|confirmo,
        ahora te lo|la? mando|envio|paso|digo, te lo|la? mando|envio|paso,
        voy a buscar|ver|revisar|probar si|si|eso|aca|aqui|ahora|el|la?,
        voy a intentar|verificar|mirar|consultar si|si|eso|aca|aqui|ahora|el|la?,
        dejame|dejeme ver|revisar|buscar|probar|consultar|mirar|chequear,
        estoy probando|buscando|revisando|intentando|manejando|conduciendo, ahora lo|la envio|mando,
        te aviso cuando|si|en""",
    Signal.WAITING: """
        espero su|tu|respuesta|noticias|la|el, quedo a la espera|atento|atenta|pendiente, quedo atent@,
        quedo pendiente, estoy esperando, estare esperando|atent@|pendiente, aguardo, sigo esperando,
        esperando, me avisas|avisa|avisan, a la espera, estoy a la espera""",
    Signal.BUT: "pero, sin embargo, aunque, solo que, excepto",
    Signal.GREETING: "hola, holaa, buenas, buenos dias, buen dia",
}

NEUTRAL = {
    Signal.OTHER_SENSE: """
        gracias a que|eso, dar|dio|dieron|dije|dijo|dijeron|decir|diga|dar las? gracias|adios|chau|chao,
        no gracias a, sin decir, vale <num>, cuanto vale, vale la pena, no vale, vale de|por|para,
        un|el|mi|su|tu vale, que vale, listo para, esta listo, no esta listo, bueno para|pero,
        hasta el <num>, hasta <num>, hasta luego de, hasta que, hasta cuando|donde,
        hasta manana a|no|tengo|puedo|para|tienen|tienes|hay, no es eso, eso no, no eso, eso que,
        es eso, dale a, sale el|la|a|en|<num>, bien pero, si pero, y eso, por eso, con eso, ya no sirve,
        para nada, nada de, nada que, paso a paso, a ti te, padre de, mi padre, un|el piso|suelo, no ya,
        ya sea, ya que no, si no, si se|me|lo|es|hay|tiene|puede, no se si, no solo, va a, que va,
        buen precio, voy""",
    Signal.FILLER: "voy a <inf>, vamos a <inf>",
}
